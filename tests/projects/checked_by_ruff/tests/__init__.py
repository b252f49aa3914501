"""Tests of the bakery."""
