"""The web server: uvicorn reads and writes, without a thread for a client; Django answers, in threads."""
