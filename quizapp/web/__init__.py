"""The screens: one module a screen family."""
