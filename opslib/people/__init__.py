"""What people recorded of an incident: notes, chats, pages and lists."""
