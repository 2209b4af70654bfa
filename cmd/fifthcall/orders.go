package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"fifthcall/daemon/door/view"
)

func ordersCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "orders", Short: "the job orders"}
	var all bool
	list := &cobra.Command{
		Use: "list", Short: "list job orders by number",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []view.OrderView
			if err := a.do(cmd.Context(), "orders.list", map[string]bool{"all": all}, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, o := range out {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s: %s\tsince %s\n", o.Number, o.Title, o.Company, o.Contact, o.Status, o.Rank, o.Why, day(o.Opened))
				}
			})
		},
	}
	list.Flags().BoolVar(&all, "all", false, "also those that have ended")
	show := func(cmd *cobra.Command, op string, args map[string]string) error {
		var o view.OrderView
		if err := a.do(cmd.Context(), op, args, &o); err != nil {
			return err
		}
		return a.print(o, func(w io.Writer) { printOrder(w, &o) })
	}
	c.AddCommand(list, &cobra.Command{
		Use: "show JO7", Short: "show one", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return show(cmd, "orders.show", map[string]string{"order": args[0]})
		},
	}, &cobra.Command{
		Use: "set JO7 TEXT", Short: "note something about one", Args: cobra.MinimumNArgs(2), Example: "  fifthcall orders set JO7 \"fee 22% terms signed\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			return show(cmd, "orders.set", map[string]string{"order": args[0], "text": strings.Join(args[1:], " ")})
		},
	}, &cobra.Command{
		Use: "close JO7 [REASON]", Short: "close one: filled, lost … or closed", Args: cobra.MinimumNArgs(1), Example: "  fifthcall orders close JO7 filled",
		RunE: func(cmd *cobra.Command, args []string) error {
			reason := strings.Join(args[1:], " ")
			if first, _, _ := strings.Cut(reason, " "); first != "filled" && first != "lost" {
				reason = strings.TrimSpace("closed " + reason)
			}
			return show(cmd, "orders.set", map[string]string{"order": args[0], "text": reason})
		},
	})
	c.AddCommand(&cobra.Command{
		Use: "evidence JO7", Short: "dated introductions with their messages, for a dispute about a fee", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var out []view.EvidenceView
			if err := a.do(cmd.Context(), "orders.evidence", map[string]string{"order": args[0]}, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, e := range out {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", day(e.Time), e.Candidate, e.What, e.Subject, e.MessageID)
				}
			})
		},
	})
	return c
}

func printOrder(w io.Writer, o *view.OrderView) {
	fmt.Fprintf(w, "number:\t%s\ntitle:\t%s\ncompany:\t%s\ncontact:\t%s\nstatus:\t%s %s\nopened:\t%s\n", o.Number, o.Title, o.Company, o.Contact, o.Status, o.Reason, day(o.Opened))
	fmt.Fprintf(w, "rank:\t%s: %s\n", o.Rank, o.Why)
	for _, s := range o.Clock {
		if s.Done == "" && s.Due == "" {
			continue
		}
		late := ""
		if s.Late {
			late = ", late"
		}
		fmt.Fprintf(w, "%s:\t%s\tdue %s%s\n", s.Step, orDash(day(s.Done)), orDash(day(s.Due)), late)
	}
	for _, f := range o.Facts {
		fmt.Fprintf(w, "fact:\t%s\n", f)
	}
	for _, s := range o.Submittals {
		fmt.Fprintf(w, "submitted:\t%s on %s\tagreed %s\n", s.Contact, day(s.Time), orDash(day(s.Consent)))
	}
}
