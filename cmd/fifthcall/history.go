package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"fifthcall/daemon/work/imports"
)

func importCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "import", Short: "take in history from another system"}
	var dry bool
	history := &cobra.Command{
		Use: "history FILE.csv", Short: "contacts, orders and activities from a plain CSV", Args: cobra.ExactArgs(1),
		Long: `Takes in history from a CSV with a header line. Columns:

  date    2025-03-31, or 2025-03-31T10:00:00Z
  kind    spoke, met, left-message, no-answer, emailed, messaged, not-interested, no-show, prepped, debriefed;
          contact; order; submittal
  email   whom it is about; of an order who gave it
  name, company, phone, role    of the person, kept where none are known yet
  note    in words
  order   the order's number in the old system, of an order or submittal
  title, status    of an order; open, filled, lost or closed

All of the file is taken in, or nothing; the same file again changes nothing. "fifthcall contacts import" takes contacts alone.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			var v imports.HistoryView
			if err := a.do(cmd.Context(), "history.import", imports.HistoryRequest{Data: string(data), Dry: dry}, &v); err != nil {
				return err
			}
			return a.print(v, func(w io.Writer) {
				would := "taken in"
				if v.Dry {
					would = "would be taken in"
				}
				fmt.Fprintf(w, "%d contacts, %d touches, %d orders and %d submittals %s; %d lines were known\n", v.Contacts, v.Touches, v.Orders, v.Submittals, would, v.Known)
			})
		},
	}
	history.Flags().BoolVar(&dry, "dry-run", false, "say what would change, and change nothing")
	c.AddCommand(history)
	return c
}
