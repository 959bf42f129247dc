"""Calibration: how strictly raters judge, and what a candidate's level is once that is known."""
