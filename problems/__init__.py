"""Draws problems, computes and proves their keys, and marks responses. No web, no database."""
