package config

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"fifthcall/daemon/seal"
)

// Read gets the secret from where the configuration says it is. Errors never hold it.
func (s *SecretConfig) Read(ctx context.Context) (string, error) {
	switch {
	case s.access != nil:
		return s.access(ctx)
	case s.Password != "":
		return s.Password, nil
	case s.PasswordFile != "":
		if err := seal.Private(s.PasswordFile); err != nil {
			return "", err
		}
		b, err := os.ReadFile(s.PasswordFile)
		if err != nil {
			return "", fmt.Errorf("read password_file: %w", err)
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	case s.PasswordEnv != "":
		v, ok := os.LookupEnv(s.PasswordEnv)
		if !ok {
			return "", fmt.Errorf("password_env: the variable %s is not set", s.PasswordEnv)
		}
		return v, nil
	case len(s.PasswordCommand) > 0:
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, s.PasswordCommand[0], s.PasswordCommand[1:]...)
		var out bytes.Buffer
		cmd.Stdout = &out
		if err := cmd.Run(); err != nil {
			return "", fmt.Errorf("password_command %s: %w", s.PasswordCommand[0], err)
		}
		line, _, _ := strings.Cut(out.String(), "\n")
		return strings.TrimRight(line, "\r"), nil
	}
	return "", nil
}
