package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"fifthcall/daemon/work/reports"
)

func reportCommand(a *app) *cobra.Command {
	var rq reports.ReportRequest
	var now string
	var asCSV, explain, evidence bool
	c := &cobra.Command{
		Use: "report KIND", Short: "figures with what they stand on: " + strings.Join(reports.ReportKinds(), ", "), Args: cobra.ExactArgs(1), ValidArgs: reports.ReportKinds(),
		Example: "  fifthcall report litmus --since 2026-03-01 --until 2026-03-31\n  fifthcall report activity --csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			if asCSV && a.json {
				return usageError{errors.New("--csv and --json are two forms: take one")}
			}
			rq.Kind = args[0]
			if now != "" {
				t, err := parseNow(now)
				if err != nil {
					return err
				}
				rq.Now = t
			}
			var out []reports.ReportView
			if err := a.do(cmd.Context(), "report", rq, &out); err != nil {
				return err
			}
			if asCSV {
				return reportCSV(os.Stdout, out)
			}
			return a.print(out, func(w io.Writer) { printReports(w, out, explain, evidence) })
		},
	}
	c.Flags().StringVar(&rq.Since, "since", "", "first `day`, such as 2026-03-01")
	c.Flags().StringVar(&rq.Until, "until", "", "last `day`")
	c.Flags().BoolVar(&rq.Agency, "agency", false, "all desks added up")
	c.Flags().StringVar(&now, "now", "", "act as if it were this `time` (RFC 3339)")
	c.Flags().BoolVar(&asCSV, "csv", false, "as comma-separated values")
	c.Flags().BoolVar(&explain, "explain", false, "say how the numbers are counted")
	c.Flags().BoolVar(&evidence, "evidence", false, "name what each number stands on")
	return c
}

func printReports(w io.Writer, all []reports.ReportView, explain, evidence bool) {
	for i, r := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s, %s, %s to %s\n", r.Report, r.Desk, r.Since, r.Until)
		for _, f := range r.Figures {
			of := ""
			if f.Of > 0 {
				of = " of " + amount(f.Of)
			}
			fmt.Fprintf(w, "%s\t%s%s %s\t%s\n", f.Label, amount(f.Value), of, f.Unit, f.Note)
			for _, e := range f.Evidence {
				if evidence {
					fmt.Fprintf(w, "  %s\n", e)
				}
			}
		}
		for _, e := range r.Explain {
			if explain {
				fmt.Fprintf(w, "# %s\n", e)
			}
		}
	}
}

// amount is a figure with a decimal at most.
func amount(v float64) string { return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0") }

func reportCSV(out io.Writer, all []reports.ReportView) error {
	w := csv.NewWriter(out)
	_ = w.Write([]string{"report", "desk", "since", "until", "name", "value", "of", "unit", "evidence"}) // Flush tells of errors
	for _, r := range all {
		for _, f := range r.Figures {
			_ = w.Write([]string{r.Report, r.Desk, r.Since, r.Until, f.Name, strconv.FormatFloat(f.Value, 'f', -1, 64), strconv.FormatFloat(f.Of, 'f', -1, 64), f.Unit, strings.Join(f.Evidence, " ")})
		}
	}
	w.Flush()
	return w.Error()
}
