package config

func (b *builder) lint() {}
