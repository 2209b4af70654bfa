package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/shell"
)

func doctorCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "check configuration, login, folders, sending, clock and state; every line says what to do",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.config()
			if err != nil {
				return err
			}
			found := shell.Doctor(cmd.Context(), cfg)
			bad := 0
			err = a.print(found, func(w io.Writer) {
				for _, f := range found {
					mark := "ok"
					if !f.OK {
						mark = "!!"
					}
					fmt.Fprintf(w, "%s\t%s\t%s\n", mark, f.What, f.Say)
				}
			})
			for _, f := range found {
				if !f.OK {
					bad++
				}
			}
			if err == nil && bad > 0 {
				return quietError(desk.ExitFailed)
			}
			return err
		},
	}
}

func initCommand(a *app) *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use: "init", Short: "ask a few questions and write a config.toml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !term.IsTerminal(int(os.Stdin.Fd())) {
				return usageError{errors.New("init asks questions: run it in a terminal, or copy config.example.toml and edit it")}
			}
			path := a.configPath
			if path == "" {
				path = "config.toml"
			}
			if _, err := os.Stat(path); err == nil && !force {
				return usageError{fmt.Errorf("%s exists already: nothing was changed; remove it, name another with --config, or use --force", path)}
			}
			q := &questions{in: bufio.NewReader(os.Stdin), out: os.Stdout}
			q.secret = func() (string, error) {
				b, err := term.ReadPassword(int(os.Stdin.Fd()))
				fmt.Fprintln(q.out)
				return string(b), err
			}
			return writeConfig(q, path)
		},
	}
	c.Flags().BoolVar(&force, "force", false, "overwrite an existing file")
	return c
}

// questions asks and remembers the first failure.
type questions struct {
	in     *bufio.Reader
	out    io.Writer
	secret func() (string, error)
	err    error
}

// ask repeats a question until the answer is valid; an empty answer means def.
func (q *questions) ask(text, def string, valid func(string) error) string {
	for q.err == nil {
		if def != "" {
			fmt.Fprintf(q.out, "%s [%s]: ", text, def)
		} else {
			fmt.Fprintf(q.out, "%s: ", text)
		}
		line, err := q.in.ReadString('\n')
		s := strings.TrimSpace(line)
		if err != nil && s == "" {
			q.err = fmt.Errorf("init was not finished; nothing was written: %w", err)
			return ""
		}
		if s == "" {
			s = def
		}
		if valid == nil {
			return s
		}
		if err := valid(s); err == nil {
			return s
		} else {
			fmt.Fprintf(q.out, "  %v\n", err)
		}
	}
	return ""
}

func writeConfig(q *questions, path string) error {
	email := q.ask("Your mail address", "", func(s string) error {
		if !strings.Contains(s, "@") || strings.ContainsAny(s, " <>") {
			return errors.New("that is not an address")
		}
		return nil
	})
	local, domain, _ := strings.Cut(email, "@")
	provider := ""
	p := config.PresetFor(domain, "")
	if p.Name == "own server" {
		fmt.Fprintf(q.out, "Providers known: %s\n", strings.Join(config.PresetNames(), ", "))
		provider = q.ask("Whose mail is it? A provider above, or your own server", "own server", nil)
		p = config.PresetFor(domain, provider)
	}
	if p.Hint != "" {
		fmt.Fprintf(q.out, "  %s.\n", p.Hint)
	}
	ans := config.Answers{Email: email, StateDir: "state", IMAPSecurity: p.IMAPSecurity, SMTPSafe: p.SMTPSafe, IMAPPort: p.IMAPPort, SMTPPort: p.SMTPPort}
	ans.Name = q.ask("A short name for your desk", deskName(local), nil)
	ans.Timezone = q.ask("Your time zone", localZone(), func(s string) error {
		if _, err := time.LoadLocation(s); err != nil || s == "" || s == "Local" {
			return errors.New("that is not a zone like Europe/London")
		}
		return nil
	})
	ans.IMAPHost = q.ask("IMAP server", p.IMAPHost, nil)
	ans.IMAPPort = q.port("IMAP port", ans.IMAPPort)
	ans.SMTPHost = q.ask("Server for sending (- for none)", p.SMTPHost, nil)
	if ans.SMTPHost == "-" {
		ans.SMTPHost = ""
	} else {
		ans.SMTPPort = q.port("Its port", ans.SMTPPort)
		if ans.SMTPPort == 587 {
			ans.SMTPSafe = "starttls"
		}
	}
	ans.Username = q.ask("Login", email, nil)
	if q.err != nil {
		return q.err
	}
	fmt.Fprint(q.out, "Password (not shown; kept in a file of its own that only you can read): ")
	password, err := q.secret()
	if err != nil {
		return fmt.Errorf("read the password: %w; nothing was written", err)
	}
	ans.PasswordFile = ans.Name + ".password"
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := writePrivate(filepath.Join(dir, ans.PasswordFile), password+"\n"); err != nil {
		return err
	}
	if err := writePrivate(path, ans.File()); err != nil {
		return err
	}
	fmt.Fprintf(q.out, "Wrote %s. Next: 'fifthcall doctor' checks it, 'fifthcall run' starts.\n", path)
	_, err = config.LoadConfig(path)
	return err
}

func writePrivate(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Chmod(path, 0o600) // WriteFile keeps the mode of a file that was there
}

func (q *questions) port(text string, def int) int {
	s := q.ask(text, strconv.Itoa(def), func(s string) error {
		if n, err := strconv.Atoi(s); err != nil || n < 1 || n > 65535 {
			return errors.New("that is not a port")
		}
		return nil
	})
	n, _ := strconv.Atoi(s)
	return n
}

func deskName(local string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(local))
}

// localZone guesses the machine's zone by name.
func localZone() string {
	if tz := os.Getenv("TZ"); tz != "" {
		return tz
	}
	if p, err := os.Readlink("/etc/localtime"); err == nil {
		if _, zone, ok := strings.Cut(p, "zoneinfo/"); ok {
			return zone
		}
	}
	if b, err := os.ReadFile("/etc/timezone"); err == nil {
		return strings.TrimSpace(string(b))
	}
	return "Europe/London"
}
