// Charts of the server's figures.
