"""Showing results: figures, tables and sentences. Everything from outside is escaped here."""
