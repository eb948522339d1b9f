"""What requests turn into."""
