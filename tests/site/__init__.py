"""The site: pages that are written at build time, the commands on them, and the links between them."""
