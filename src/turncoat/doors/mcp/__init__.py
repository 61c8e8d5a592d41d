"""The MCP door: the company as a server of the Model Context Protocol, for any client."""
