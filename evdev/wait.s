// For the Go compiler: wait.go declares functions that are elsewhere.
