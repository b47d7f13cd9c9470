"""Grades student-written code in a sandbox. No web, no database."""
