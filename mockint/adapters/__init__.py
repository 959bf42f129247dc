"""Engines others wrote, each behind one small module."""
