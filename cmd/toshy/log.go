package main

import (
	"fmt"
	"io"
	"os"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// newLogger makes the daemon's log on w. Under systemd, the journal adds the time.
func newLogger(w io.Writer, f *runFlags) (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(f.logLevel)
	if err != nil {
		return nil, fail(exitUsage, fmt.Errorf("log level %q: not one of debug, info, warn, error", f.logLevel))
	}
	if f.verbose {
		level = zapcore.DebugLevel
	}
	c := zap.NewProductionEncoderConfig()
	c.EncodeTime = zapcore.ISO8601TimeEncoder
	if os.Getenv("JOURNAL_STREAM") != "" {
		c.TimeKey = zapcore.OmitKey
	}
	var encoder zapcore.Encoder
	switch f.logFormat {
	case "json":
		encoder = zapcore.NewJSONEncoder(c)
	case "console":
		c.EncodeLevel = zapcore.CapitalLevelEncoder
		encoder = zapcore.NewConsoleEncoder(c)
	default:
		return nil, fail(exitUsage, fmt.Errorf("log format %q: not one of console, json", f.logFormat))
	}
	return zap.New(zapcore.NewCore(encoder, newLogWriter(w), level)), nil
}
