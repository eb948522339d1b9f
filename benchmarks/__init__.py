"""Speed and accuracy, each printing a table against a named baseline."""
