"""What instructors write in the browser: run in a box of its own, and given back as data."""
