package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"fifthcall/daemon/door/view"
)

func leadsCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "leads", Short: "people whom others named, and what came of it"}
	c.AddCommand(&cobra.Command{
		Use: "list", Short: "list leads, the latest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []view.LeadView
			if err := a.do(cmd.Context(), "leads.list", nil, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, l := range out {
					fmt.Fprintf(w, "%s\t%s\t%s\tnamed by %s on %s\tspoken to %s\tnext %s\n", l.Contact, l.Name, l.Company, orDash(l.NamedBy), day(l.Time), orDash(day(l.Spoken)), orDash(day(l.Next)))
				}
			})
		},
	})
	return c
}
