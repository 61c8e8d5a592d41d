"""The rule judge: meaning by rules, without a model, and an honest "cannot tell" where rules end."""
