"""Reading the data itself, to prove that a restore brought it back."""
