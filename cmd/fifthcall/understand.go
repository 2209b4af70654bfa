package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/door/shell"
)

func explainCommand(a *app) *cobra.Command {
	var id string
	c := &cobra.Command{
		Use:   "explain FILE.eml|FILE.ics …",
		Short: "how messages are understood, and what would be logged",
		Long: "Say how messages are understood, what would be logged of them and why. With --json one object a line.\n" +
			"FILE - reads standard input. A configuration is used if there is one: it says which addresses are yours.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 && id == "" {
				return usageError{errors.New("name one or more files, or a message in the mailbox with --message-id")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if id != "" {
				return a.explainMessage(c.Context(), id)
			}
			cfg, err := a.optionalConfig()
			if err != nil {
				return err
			}
			out := bufio.NewWriter(os.Stdout)
			failed := 0
			for e := range a.explainAll(cfg, args) {
				if e.Error != "" {
					failed++
				}
				if err := a.writeExplained(out, e); err != nil {
					return err
				}
			}
			if err := out.Flush(); err != nil {
				return err
			}
			switch {
			case failed == 0:
				return nil
			case failed == len(args):
				return quietError(desk.ExitFailed)
			}
			return quietError(desk.ExitPartial)
		},
	}
	c.Flags().StringVar(&id, "message-id", "", "explain the message with this Message-`ID` in the mailbox")
	return c
}

// explainAll explains files on all processors, a few ahead of the reader, and yields them in order.
func (a *app) explainAll(cfg *config.Config, files []string) iter.Seq[*shell.Explained] {
	return func(yield func(*shell.Explained) bool) {
		running := make(chan chan *shell.Explained, runtime.GOMAXPROCS(0)-1)
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			defer close(running)
			for _, name := range files {
				done := make(chan *shell.Explained, 1)
				go func() { done <- a.explainFile(cfg, name) }()
				select {
				case running <- done:
				case <-stop:
					return
				}
			}
		}()
		for done := range running {
			if !yield(<-done) {
				return
			}
		}
	}
}

func (a *app) explainFile(cfg *config.Config, name string) *shell.Explained {
	data, err := readArg(name)
	if err != nil {
		return &shell.Explained{File: name, To: []string{}, Error: err.Error()}
	}
	e := shell.Explain(cfg, a.desk, name, data)
	return &e
}

func (a *app) explainMessage(ctx context.Context, id string) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	e, err := shell.ExplainMessage(ctx, cfg, a.desk, id)
	if err != nil {
		return err
	}
	return a.writeExplained(os.Stdout, &e)
}

// optionalConfig is the configuration, nil if there is none and none was named.
func (a *app) optionalConfig() (*config.Config, error) {
	if a.configPath == "" && findConfig() == "" {
		return nil, nil
	}
	return a.config()
}

func (a *app) writeExplained(out io.Writer, e *shell.Explained) error {
	if a.json {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		if e.Events != nil {
			return enc.Encode(calendarOnly{e.File, *e.Events})
		}
		return enc.Encode(e)
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	logged := "no"
	if e.Logged {
		logged = "yes"
	}
	for _, f := range [][2]string{
		{"file", e.File}, {"class", e.Class}, {"from", e.From}, {"to", strings.Join(e.To, ", ")}, {"date", e.Date}, {"subject", e.Subject},
		{"message id", e.MessageID}, {"thread", e.Thread}, {"logged", logged}, {"why", e.Why}, {"error", e.Error},
		{"what was written anew", strings.ReplaceAll(e.ReplyText, "\n", "\n\t")},
	} {
		if f[1] != "" {
			fmt.Fprintf(w, "%s:\t%s\n", f[0], f[1])
		}
	}
	writeFindings(w, e)
	fmt.Fprintln(w)
	return w.Flush()
}

// calendarOnly is what is said of a calendar file: it has no sender, class or text.
type calendarOnly struct {
	File   string                 `json:"file"`
	Events []shell.ExplainedEvent `json:"events"`
}

// writeFindings tells what a bounce, an auto-reply or an invitation says.
func writeFindings(w io.Writer, e *shell.Explained) {
	for _, b := range e.Bounce {
		fmt.Fprintf(w, "came back:\t%s (%s, %s) %s\n", b.Recipient, b.Kind, orDash(b.Status), b.Reason)
	}
	if a := e.AutoReply; a != nil {
		fmt.Fprintf(w, "auto-reply:\t%s", a.Kind)
		if a.Date != "" {
			fmt.Fprintf(w, ", %s %s, first working day back %s", strings.ReplaceAll(a.Sense, "_", " "), a.Date, a.Back)
		}
		if a.Successor != nil {
			fmt.Fprintf(w, ", write to %s <%s> instead", a.Successor.Name, a.Successor.Email)
		}
		fmt.Fprintln(w)
	}
	if i := e.Invitation; i != nil {
		fmt.Fprintf(w, "%s:\t%s, %s to %s %s\n", i.Kind, i.Summary, i.Start, i.End, i.Zone)
		fmt.Fprintf(w, "organizer:\t%s\n", orDash(i.Organizer))
		fmt.Fprintf(w, "candidate:\t%s\n", i.Candidate)
		if i.Conference != "" {
			fmt.Fprintf(w, "conference:\t%s\n", i.Conference)
		}
	}
	if e.Events != nil {
		for _, ev := range *e.Events {
			fmt.Fprintf(w, "event:\t%s, %s to %s %s\n", ev.Summary, ev.Start, orDash(ev.End), ev.Zone)
		}
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func parseCommand(a *app) *cobra.Command {
	var now, zone string
	var monthFirst bool
	var languages []string
	c := &cobra.Command{
		Use:   "parse",
		Short: "how a reply on standard input is understood; changes nothing",
		RunE: func(c *cobra.Command, _ []string) error {
			g := words.Grammar{Now: time.Now(), MonthFirst: monthFirst}
			if now != "" {
				t, err := parseNow(now)
				if err != nil {
					return err
				}
				g.Now = t
			}
			loc, err := a.parseZone(zone)
			if err != nil {
				return err
			}
			g.Zone = loc
			if cfg, err := a.optionalConfig(); err != nil {
				return err
			} else if cfg != nil && !c.Flags().Changed("month-first") {
				g.MonthFirst = cfg.Desks[0].MonthFirst
			}
			if g.Languages = languages; len(languages) == 0 {
				if cfg, _ := a.optionalConfig(); cfg != nil {
					g.Languages = cfg.Desks[0].Languages
				}
			}
			text, err := io.ReadAll(io.LimitReader(os.Stdin, 4<<20))
			if err != nil {
				return err
			}
			cmds := shell.ParseReply(string(text), g)
			return a.print(cmds, func(w io.Writer) {
				if len(cmds) == 0 {
					fmt.Fprintln(w, "nothing to do")
				}
				for _, c := range cmds {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", c.Ref, c.Verb, c.Next, c.Note, c.Error)
				}
			})
		},
	}
	c.Flags().StringVar(&now, "now", "", "act as if it were this `time` (RFC 3339)")
	c.Flags().StringVar(&zone, "zone", "", "the time `zone`; the desk's unless given")
	c.Flags().StringSliceVar(&languages, "languages", nil, "`languages` beside English, such as de,fr; the desk's unless given")
	c.Flags().BoolVar(&monthFirst, "month-first", false, "read 3/4 as 4 March")
	return c
}

// parseZone is the zone named, else the desk's, else the machine's.
func (a *app) parseZone(name string) (*time.Location, error) {
	if name == "" {
		cfg, err := a.optionalConfig()
		if err != nil || cfg == nil {
			return time.Local, err
		}
		name = cfg.Desks[0].Timezone
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, usageError{errors.New("--zone: " + name + " is not a zone like Europe/London")}
	}
	return loc, nil
}
