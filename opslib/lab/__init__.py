"""Notebooks for people: working copies, recorded runs opened again, and JupyterLab around them."""
