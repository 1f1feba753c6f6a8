"""Figures that add up: definitions, metrics, pages of figures and exports."""
