"""The web service: practice, code tasks, accounts, and the command line."""
