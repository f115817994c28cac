package importer

import (
	"fmt"

	"toshy/config"
)

// Include reads a file that a configuration includes by name.
type Include func(name string) ([]byte, error)

// limited is an Include that reads no more than one file may have, in all files together: a file can be included any number of
// times.
func (i Include) limited() Include {
	if i == nil {
		return nil
	}
	total := 0
	tooLarge := fmt.Errorf("the included files are larger than %d KiB", config.MaxFileSize>>10)
	return func(name string) ([]byte, error) {
		if total > config.MaxFileSize {
			return nil, tooLarge
		}
		source, err := i(name)
		if total += len(source); total > config.MaxFileSize {
			return nil, tooLarge
		}
		return source, err
	}
}
