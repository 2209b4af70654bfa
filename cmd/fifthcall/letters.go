package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/view"
)

func lettersCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "letters", Short: "the letters to candidates and clients"}
	c.AddCommand(lettersList(a), lettersPreview(a), lettersCheck(a), lettersSend(a))
	return c
}

func lettersList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "list the letters by name, with how each leaves",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []view.LetterView
			if err := a.do(cmd.Context(), "letters.list", nil, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, l := range out {
					fmt.Fprintf(w, "%s\t%s\tto %s\t%s\t%s\n", l.Name, strings.Join(l.Languages, ","), l.To, l.Mode, l.From)
				}
			})
		},
	}
}

func letterFlags(c *cobra.Command, rq *view.LetterRequest) {
	c.Flags().StringVar(&rq.Contact, "contact", "", "who it is to: an `address` or name")
	c.Flags().StringVar(&rq.Interview, "interview", "", "`ID` of the interview that it speaks of; the contact's next one by default")
	_ = c.MarkFlagRequired("contact")
}

func lettersPreview(a *app) *cobra.Command {
	var rq view.LetterRequest
	var open bool
	c := &cobra.Command{
		Use: "preview NAME", Short: "show a letter as it would leave, and what is missing", Args: cobra.ExactArgs(1),
		Example: "  fifthcall letters preview prep-phone --contact li@post.example --open",
		RunE: func(cmd *cobra.Command, args []string) error {
			rq.Name = args[0]
			var p view.Preview
			if err := a.do(cmd.Context(), "letters.preview", rq, &p); err != nil {
				return err
			}
			if open {
				if err := openHTML(p.HTML); err != nil {
					return err
				}
			}
			return a.print(p, func(w io.Writer) { printPreview(w, &p) })
		},
	}
	letterFlags(c, &rq)
	c.Flags().BoolVar(&open, "open", false, "open the HTML in the browser")
	return c
}

func printPreview(w io.Writer, p *view.Preview) {
	if p.Why != "" {
		fmt.Fprintf(w, "held: %s\n", p.Why)
	}
	if len(p.Missing) > 0 {
		fmt.Fprintf(w, "missing: %s\n", strings.Join(p.Missing, ", "))
	}
	fmt.Fprintf(w, "mode: %s\n\n%s\n\n%s", p.Mode, orString(p.Headers, "Subject: "+p.Subject), p.Text)
}

func orString(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// openHTML shows a letter in the browser.
func openHTML(html string) error {
	dir, err := os.MkdirTemp("", "fifthcall-letter-")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "letter.html")
	if err := os.WriteFile(path, []byte(html), 0o600); err != nil {
		return err
	}
	opener := map[string][]string{"darwin": {"open"}, "windows": {"rundll32", "url.dll,FileProtocolHandler"}}[runtime.GOOS]
	if opener == nil {
		opener = []string{"xdg-open"}
	}
	if err := exec.Command(opener[0], append(opener[1:], path)...).Start(); err != nil {
		return fmt.Errorf("no browser could be opened (%w); the letter is in %s", err, path)
	}
	return nil
}

func lettersCheck(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "check all letters and sequences against all fields",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []view.LetterCheck
			if err := a.do(cmd.Context(), "letters.check", nil, &out); err != nil {
				return err
			}
			bad := 0
			err := a.print(out, func(w io.Writer) {
				for _, c := range out {
					fmt.Fprintf(w, "%s: %d letters, %d problems\n", c.Desk, c.Letters, len(c.Problems))
					for _, p := range c.Problems {
						fmt.Fprintln(w, p)
					}
				}
			})
			for _, c := range out {
				bad += len(c.Problems)
			}
			if err == nil && bad > 0 {
				return quietError(desk.ExitFailed)
			}
			return err
		},
	}
}

func lettersSend(a *app) *cobra.Command {
	var rq view.LetterRequest
	c := &cobra.Command{
		Use: "send NAME", Short: "write a letter: a draft, or as the desk's mode says", Args: cobra.ExactArgs(1),
		Example: "  fifthcall letters send reconnect --contact jane@acme.example\n  fifthcall letters send follow-up --contact li@post.example --mode auto",
		RunE: func(cmd *cobra.Command, args []string) error {
			rq.Name = args[0]
			var v view.OutgoingView
			if err := a.do(cmd.Context(), "letters.send", rq, &v); err != nil {
				return err
			}
			return a.print(v, func(w io.Writer) { printOutgoing(w, &v) })
		},
	}
	letterFlags(c, &rq)
	c.Flags().StringVar(&rq.Mode, "mode", "", "draft, approve or auto; the desk's by default")
	return c
}

func printOutgoing(w io.Writer, v *view.OutgoingView) {
	fmt.Fprintf(w, "id:\t%s\nkind:\t%s %s\nto:\t%s\nsubject:\t%s\nstate:\t%s\n", v.ID, v.Kind, v.Letter, strings.Join(v.To, ", "), v.Subject, v.State)
	for _, f := range [][2]string{{"why", v.Why}, {"missing", strings.Join(v.Missing, ", ")}, {"due", day(v.Due)}, {"next try", day(v.Next)}, {"sent", day(v.Sent)}, {"error", v.Error}} {
		if f[1] != "" {
			fmt.Fprintf(w, "%s:\t%s\n", f[0], f[1])
		}
	}
	for _, t := range v.Attempts {
		fmt.Fprintf(w, "tried:\t%s\n", t)
	}
	if v.Text != "" {
		fmt.Fprintf(w, "\n%s\n", strings.ReplaceAll(v.Text, "\r\n", "\n"))
	}
}

func outboxCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "outbox", Short: "the mails that wait to be sent, or were of late"}
	var off bool
	pause := &cobra.Command{
		Use: "pause", Short: "hold all letters; --off lets them go on",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []view.Paused
			if err := a.do(cmd.Context(), "outbox.pause", map[string]bool{"on": !off}, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, p := range out {
					fmt.Fprintf(w, "%s\t%s\n", p.Desk, map[bool]string{true: "letters are held", false: "letters go on"}[p.Paused])
				}
			})
		},
	}
	pause.Flags().BoolVar(&off, "off", false, "let letters go on")
	c.AddCommand(outboxList(a), pause, outboxOne(a, "show ID", "show one with its text and what was tried", "outbox.show", ""))
	for what, short := range map[string]string{
		"approve": "let a letter leave that waits for your word", "cancel": "take a letter back that hasn't left",
		"retry": "try a letter again at once", "done": "say of an uncertain letter that it went out",
	} {
		c.AddCommand(outboxOne(a, what+" ID", short, "outbox.do", what))
	}
	return c
}

func outboxList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "list them, oldest first",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []view.OutgoingView
			if err := a.do(cmd.Context(), "outbox.list", nil, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, o := range out {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", o.ID, orString(o.Letter, o.Kind), strings.Join(o.To, ", "), o.Subject, o.State, day(orString(o.Sent, orString(o.Next, o.Due))), orString(o.Why, o.Error))
				}
			})
		},
	}
}

func outboxOne(a *app, use, short, op, what string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var v view.OutgoingView
			if err := a.do(cmd.Context(), op, map[string]string{"what": what, "id": args[0]}, &v); err != nil {
				return err
			}
			if what != "" {
				v.Text = ""
			}
			return a.print(v, func(w io.Writer) { printOutgoing(w, &v) })
		},
	}
}

func interviewsCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "interviews", Short: "the interviews of candidates"}
	var all bool
	list := &cobra.Command{
		Use: "list", Short: "list interviews by start, with what is planned and what is missing",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []view.InterviewView
			if err := a.do(cmd.Context(), "interviews.list", map[string]bool{"all": all}, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, v := range out {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", day(v.Start), orString(v.Name, "?"), v.Kind, orString(v.Company, v.Client), v.Status, v.Question, strings.Join(v.Missing, ","))
				}
			})
		},
	}
	list.Flags().BoolVar(&all, "all", false, "also those that are over or off")
	c.AddCommand(list)
	return c
}

func sequencesCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "sequences", Short: "rows of letters and calls"}
	var all bool
	who := &cobra.Command{
		Use: "who", Short: "list who is in which sequence",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []view.EnrolmentView
			if err := a.do(cmd.Context(), "sequences.who", map[string]bool{"all": all}, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) { printEnrolments(w, out) })
		},
	}
	who.Flags().BoolVar(&all, "all", false, "also those that have ended")
	var contact, from string
	enrol := &cobra.Command{
		Use: "enrol NAME", Short: "put somebody into a sequence", Args: cobra.ExactArgs(1), Example: "  fifthcall sequences enrol prospect --contact jane@acme.example",
		RunE: func(cmd *cobra.Command, args []string) error {
			if contact == "" {
				return usageError{errors.New("say who with --contact")}
			}
			var out []book.Result
			if err := a.do(cmd.Context(), "sequences.enrol", map[string]string{"name": args[0], "contact": contact, "from": from}, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, l := range out {
					fmt.Fprintln(w, l.Said)
				}
			})
		},
	}
	enrol.Flags().StringVar(&contact, "contact", "", "`address` or name")
	enrol.Flags().StringVar(&from, "from", "", "`day` that the sequence counts from, such as a placement's start")
	stop := &cobra.Command{
		Use: "stop CONTACT", Short: "end somebody's sequences", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var out []view.EnrolmentView
			if err := a.do(cmd.Context(), "sequences.stop", map[string]string{"contact": args[0]}, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) { printEnrolments(w, out) })
		},
	}
	list := &cobra.Command{
		Use: "list", Short: "list the sequences and their steps",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []view.SequenceView
			if err := a.do(cmd.Context(), "sequences.list", nil, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, s := range out {
					fmt.Fprintf(w, "%s\t%s, to %s, %d days\n", s.Name, s.Title, s.To, s.Days)
					for _, st := range s.Steps {
						fmt.Fprintf(w, "\t%s\n", st)
					}
				}
			})
		},
	}
	c.AddCommand(list, who, enrol, stop)
	return c
}

func printEnrolments(w io.Writer, out []view.EnrolmentView) {
	for _, e := range out {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d of %d\t%s\t%s\n", e.Contact, e.Sequence, e.State, e.Step, e.Steps, day(e.Next), e.Why)
	}
}
