"""Verbs over the database; no Flask here."""
