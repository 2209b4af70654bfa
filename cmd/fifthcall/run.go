package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"fifthcall/daemon"
	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/door/shell"
)

func runCommand(a *app) *cobra.Command {
	var clockFile string
	c := &cobra.Command{
		Use:   "run",
		Short: "the daemon, in the foreground; SIGTERM stops it, SIGHUP rereads the configuration",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.config()
			if err != nil {
				return err
			}
			return a.runDaemon(cmd.Context(), cfg, clockFile)
		},
	}
	c.Flags().StringVar(&clockFile, "clock-file", "", "read the time from this `file` (RFC 3339), for tests")
	return c
}

func (a *app) runDaemon(ctx context.Context, cfg *config.Config, clockFile string) (err error) {
	log := newLogger(cfg)
	opt := daemon.Options{Log: log, Progress: newProgress(os.Stderr).show, Version: version(), Memory: memoryLimit}
	if clockFile != "" {
		if opt.Clock, err = fileClock(clockFile); err != nil {
			return err
		}
	}
	d, err := daemon.Open(cfg, opt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hup:
			}
			next, err := config.LoadConfig(cfg.Path)
			if err == nil {
				err = d.Reload(ctx, next)
			}
			if err != nil {
				log.Error("the configuration was not reread; the old one stays in force", "error", err)
			}
		}
	}()
	return d.Run(ctx)
}

// fileClock reads the time from a file, and keeps the last one read while the file can't be.
func fileClock(path string) (book.Clock, error) {
	read := func() (time.Time, error) {
		b, err := os.ReadFile(path)
		if err != nil {
			return time.Time{}, err
		}
		return time.Parse(time.RFC3339, strings.TrimSpace(string(b)))
	}
	last, err := read()
	if err != nil {
		return nil, usageError{fmt.Errorf("--clock-file: %w", err)}
	}
	var mu sync.Mutex
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		if t, err := read(); err == nil {
			last = t
		}
		return last
	}, nil
}

func syncCommand(a *app) *cobra.Command {
	var now string
	c := &cobra.Command{
		Use:   "sync",
		Short: "one pass over all folders, then exits",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.config()
			if err != nil {
				return err
			}
			opt := daemon.Options{Log: newLogger(cfg), Progress: newProgress(os.Stderr).show}
			if now != "" {
				t, err := parseNow(now)
				if err != nil {
					return err
				}
				opt.Clock = func() time.Time { return t }
				if shell.Dial(cmd.Context(), cfg.Store.Dir) != nil {
					return usageError{errors.New("--now: a daemon is running, and it has a clock of its own; stop it first")}
				}
			}
			if err := a.doWith(cmd.Context(), cfg, opt, "sync", nil, &struct{}{}); err != nil {
				return err
			}
			var st []daemon.StatusView
			if a.json {
				err = a.doWith(cmd.Context(), cfg, opt, "status", nil, &st)
				return errors.Join(err, a.print(st, nil))
			}
			return nil
		},
	}
	c.Flags().StringVar(&now, "now", "", "act as if it were this `time` (RFC 3339)")
	return c
}
