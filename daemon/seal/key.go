package seal

import (
	"fmt"
	"os"
)

// Private refuses a file that holds a secret and that others can read.
func Private(path string) error {
	fi, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("can't read the file with the secret: %w", err)
	}
	if fi.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("others can read the secret in %s: run 'chmod 600 %s'", path, path)
	}
	return nil
}
