"""Reading what money could be saved on."""
