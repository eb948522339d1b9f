"""Reading AWS: accounts in, tables out. Nothing here can change anything."""
