package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"fifthcall/daemon"
	"fifthcall/daemon/book"
	"fifthcall/daemon/door/morning"
	"fifthcall/daemon/door/view"
)

func todayCommand(a *app) *cobra.Command {
	var now string
	c := &cobra.Command{
		Use:   "today",
		Short: "what the morning mail would say now",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.config()
			if err != nil {
				return err
			}
			args := map[string]any{}
			if now != "" {
				t, err := parseNow(now)
				if err != nil {
					return err
				}
				args["now"] = t
			}
			var days []morning.TodayView
			if err := a.doWith(cmd.Context(), cfg, daemon.Options{Log: newLogger(cfg)}, "today", args, &days); err != nil {
				return err
			}
			return a.print(days, func(w io.Writer) { printToday(w, days) })
		},
	}
	c.Flags().StringVar(&now, "now", "", "act as if it were this `time` (RFC 3339)")
	return c
}

func printToday(w io.Writer, days []morning.TodayView) {
	for i, d := range days {
		if len(days) > 1 {
			if i > 0 {
				fmt.Fprintln(w)
			}
			fmt.Fprintf(w, "%s\n", d.Desk)
		}
		fmt.Fprint(w, d.Text)
	}
}

func logCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "log TEXT",
		Short:   "log what happened, in words",
		Example: "  fifthcall log \"jane@acme.example spoke, keen, call 2w\"\n  fifthcall log \"Jane Doe: left voicemail\"",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var out []book.Result
			if err := a.do(cmd.Context(), "log", map[string]string{"text": strings.Join(args, " ")}, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, l := range out {
					fmt.Fprintln(w, l.Said)
				}
			})
		},
	}
}

func touchesCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "touches", Short: "what was logged"}
	var contact string
	var part view.Part
	list := &cobra.Command{
		Use: "list", Short: "list touches in order of time",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []view.TouchView
			if err := a.do(cmd.Context(), "touches.list", map[string]any{"contact": contact, "limit": part.Limit, "since": part.Since}, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, t := range out {
					what := t.Subject
					if t.Outcome != "" {
						what = strings.Trim(t.Outcome+": "+t.Note, ": ")
					}
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", day(t.Time), t.Direction, t.Channel, t.Kind, t.Contact, what)
				}
			})
		},
	}
	list.Flags().StringVar(&contact, "contact", "", "only this contact's, by `address` or name")
	partFlags(list, &part, "those of this `date` or later; of more than the limit the latest are listed")
	c.AddCommand(list)
	return c
}

func callbacksCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "callbacks", Short: "the calls owed"}
	var all bool
	var part view.Part
	list := &cobra.Command{
		Use: "list", Short: "list callbacks by slot",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []view.CallbackView
			if err := a.do(cmd.Context(), "callbacks.list", map[string]any{"all": all, "limit": part.Limit, "since": part.Since}, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, cb := range out {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\tdue %s\t%s\n", day(cb.Start), cb.Name, cb.Company, cb.Status, cb.Due, cb.Reason)
				}
			})
		},
	}
	list.Flags().BoolVar(&all, "all", false, "also those that have ended")
	partFlags(list, &part, "those of this `date` or later")
	c.AddCommand(list)
	return c
}

func feedCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "feed", Short: "the secret address of the calendar feed"}
	var choice daemon.FeedChoice
	address := &cobra.Command{
		Use: "url", Short: "print the feed's address",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.printURL(cmd, "feed.url", choice)
		},
	}
	address.Flags().BoolVar(&choice.Hidden, "hidden", false, "of the feed without names, for a calendar that others can see")
	address.Flags().BoolVar(&choice.Sales, "sales", false, "of the feed with sales days and monthly reviews")
	address.Flags().StringVar(&choice.Team, "team", "", "of the feed of all desks of a `team`, without notes and with candidates as initials")
	address.MarkFlagsMutuallyExclusive("hidden", "sales", "team")
	c.AddCommand(address, &cobra.Command{
		Use: "rotate", Short: "make the old addresses void and print a new one",
		RunE: func(cmd *cobra.Command, _ []string) error { return a.printURL(cmd, "feed.rotate", nil) },
	})
	return c
}

func pageCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "page", Short: "print the secret address that signs you in to the page",
		RunE: func(cmd *cobra.Command, _ []string) error { return a.printURL(cmd, "page.url", nil) },
	}
}

func (a *app) printURL(cmd *cobra.Command, op string, args any) error {
	var u daemon.URL
	if err := a.do(cmd.Context(), op, args, &u); err != nil {
		return err
	}
	if a.json {
		return a.print(u, nil)
	}
	_, err := fmt.Fprintln(os.Stdout, u.URL)
	return err
}
