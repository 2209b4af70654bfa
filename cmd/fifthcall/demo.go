package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"fifthcall/daemon"
	"fifthcall/daemon/config"
	"fifthcall/daemon/door/morning"
	"fifthcall/daemon/door/shell"
	"fifthcall/daemon/door/view"
	"fifthcall/mailbox/demoserver"
)

func demoCommand(a *app) *cobra.Command {
	var listen string
	c := &cobra.Command{
		Use:   "demo",
		Short: "the whole product on an embedded mail server; nothing leaves the machine",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.demo(cmd.Context(), listen)
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "`address` for the page and feed")
	return c
}

func (a *app) demo(ctx context.Context, listen string) (err error) {
	fmt.Println("Making a desk with half a year of mail …")
	log := newLogger(&config.Config{Log: config.LogConfig{Level: "warn", Format: "text"}})
	demo, err := daemon.NewDemo(listen, daemon.Options{Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, demo.Close()) }()
	if err := demo.Prepare(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	ready := make(chan struct{})
	go func() { done <- demo.Daemon.RunWhenReady(ctx, func() { close(ready) }) }()
	select {
	case err := <-done:
		return err
	case <-ready:
	}
	if err := a.describe(ctx, demo); err != nil {
		cancel()
		return errors.Join(err, <-done)
	}
	return <-done
}

// describe prints today's list and all addresses.
func (a *app) describe(ctx context.Context, demo *daemon.Demo) error {
	var days []morning.TodayView
	if err := a.ask(ctx, demo.Daemon, "today", &days); err != nil {
		return err
	}
	fmt.Println()
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	printToday(w, days)
	var owed []view.CallbackView
	if err := a.ask(ctx, demo.Daemon, "callbacks.list", &owed); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nNext:")
	for _, cb := range owed[:min(6, len(owed))] {
		fmt.Fprintf(w, "  %s\t%s, %s: %s\n", day(cb.Start), cb.Name, cb.Company, cb.Reason)
	}
	var feed, page daemon.URL
	if err := errors.Join(a.ask(ctx, demo.Daemon, "feed.url", &feed), a.ask(ctx, demo.Daemon, "page.url", &page)); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nPage:\t%s\nFeed:\t%s\n", page.URL, feed.URL)
	var dav daemon.NewPassword
	raw, err := demo.Daemon.Do(ctx, shell.Request{Op: "caldav.password", Args: json.RawMessage(`{"name":"demo"}`)})
	if err == nil {
		err = json.Unmarshal(raw, &dav)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "CalDAV:\t%s, user %s, password %s\n", dav.URL, dav.User, dav.Password)
	fmt.Fprintf(w, "IMAP:\t%s, no TLS, login %s, password %s; its Drafts hold letters for interviews\nSMTP:\t%s, no TLS, the same login\n", demo.Mail.IMAPAddr, demo.Login, daemon.DemoPassword, demo.Mail.SMTPAddr)
	fmt.Fprintf(w, "\nOther commands on this demo:\tfifthcall --config %s/config.toml contacts list\n", demo.Dir)
	for _, t := range demoserver.Triggers {
		fmt.Fprintf(w, "Mail to %s@%s\tis answered by %s\n", t, demo.Mail.Domain, map[string]string{"reply": "a reply", "ooo": "an out-of-office", "bounce": "a bounce", "interview": "a calendar invitation"}[t])
	}
	fmt.Fprintf(w, "Mail to %s@%s\tis refused at once: nobody is there\n", demoserver.Refused, demo.Mail.Domain)
	fmt.Fprintln(w, "\nCtrl-C ends the demo and removes all it kept.")
	return w.Flush()
}

func (a *app) ask(ctx context.Context, d *daemon.Daemon, op string, into any) error {
	return daemon.Ask(ctx, d, shell.Request{Op: op}, into)
}
