package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"fifthcall/daemon"
	"fifthcall/daemon/config"
	"fifthcall/daemon/door/shell"
	"fifthcall/daemon/store"
)

// app is what all subcommands share.
type app struct {
	configPath string
	desk       string
	json       bool
}

// config finds, reads and checks the configuration.
func (a *app) config() (*config.Config, error) {
	path := a.configPath
	if path == "" {
		path = findConfig()
	}
	if path == "" {
		return nil, usageError{errors.New("no configuration: there is no config.toml here nor in your configuration folder; make one with 'fifthcall init', or name one with --config")}
	}
	cfg, err := config.LoadConfig(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, usageError{fmt.Errorf("%w; make one with 'fifthcall init'", err)}
	}
	if err == nil {
		cfg.UseTokens(func(ctx context.Context, desk string) (token string, err error) {
			b := *a
			b.desk = desk
			err = b.doWith(ctx, cfg, daemon.Options{Log: newLogger(cfg)}, "oauth.access", nil, &token)
			return token, err
		})
	}
	return cfg, err
}

func findConfig() string {
	candidates := []string{"config.toml"}
	if dir, err := os.UserConfigDir(); err == nil {
		candidates = append(candidates, filepath.Join(dir, "fifthcall", "config.toml"))
	}
	for _, c := range candidates {
		if _, err := os.Stat(c); err == nil {
			return c
		}
	}
	return ""
}

// do runs an operation in the running daemon, or here when none runs, and decodes its result.
func (a *app) do(ctx context.Context, op string, args, result any) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	return a.doWith(ctx, cfg, daemon.Options{Log: newLogger(cfg)}, op, args, result)
}

func (a *app) doWith(ctx context.Context, cfg *config.Config, opt daemon.Options, op string, args, result any) (err error) {
	req := shell.Request{Op: op, Desk: a.desk}
	if args != nil {
		if req.Args, err = json.Marshal(args); err != nil {
			return err
		}
	}
	var out json.RawMessage
	if c := shell.Dial(ctx, cfg.Store.Dir); c != nil {
		out, err = c.Do(ctx, req)
	} else {
		out, err = a.doHere(ctx, cfg, opt, req)
	}
	if err != nil {
		return err
	}
	if raw, ok := result.(*json.RawMessage); ok {
		*raw = out
		return nil
	}
	return json.Unmarshal(out, result)
}

func (a *app) doHere(ctx context.Context, cfg *config.Config, opt daemon.Options, req shell.Request) (out json.RawMessage, err error) {
	d, err := daemon.Open(cfg, opt)
	if errors.Is(err, store.ErrLocked) {
		return nil, fmt.Errorf("%w, and no daemon answers there: wait for the other command to end, then try again", err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Do(ctx, req)
}

// print writes a result: as JSON if asked for, else by text.
func (a *app) print(v any, text func(w io.Writer)) error {
	if a.json {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	text(w)
	return w.Flush()
}

func newLogger(cfg *config.Config) *slog.Logger {
	level := slog.LevelInfo
	_ = level.UnmarshalText([]byte(cfg.Log.Level))
	opt := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, opt))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opt))
}

// parseNow reads the --now flag.
func parseNow(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, usageError{fmt.Errorf("--now: %q is not a time like 2026-03-02T09:00:00Z", s)}
	}
	return t, nil
}

// day shortens an RFC 3339 time for people.
func day(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	return t.Format("Mon 2 Jan 2006 15:04")
}
