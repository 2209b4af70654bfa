package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/view"
	"fifthcall/daemon/work/imports"
	"fifthcall/daemon/work/people"
)

func contactsCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "contacts", Short: "the people on the desk"}
	c.AddCommand(contactsList(a), contactsShow(a), contactsImport(a), contactsSet(a), contactsMerge(a), contactsForget(a))
	return c
}

func contactsList(a *app) *cobra.Command {
	var role string
	var part view.Part
	c := &cobra.Command{
		Use: "list", Short: "list contacts",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []view.ContactView
			if err := a.do(cmd.Context(), "contacts.list", map[string]any{"role": role, "limit": part.Limit, "since": part.Since}, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) {
				for _, c := range out {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d touches\t%s\n", c.Name, c.Email, c.Company, roles(c.Roles), c.Status, c.Touches, day(c.LastTouch))
				}
			})
		},
	}
	c.Flags().StringVar(&role, "role", "", "only contacts with this `role`")
	partFlags(c, &part, "those with a touch since this `date`")
	completeRoles(c)
	return c
}

// partFlags are those of listings that may be long.
func partFlags(c *cobra.Command, p *view.Part, since string) {
	c.Flags().IntVar(&p.Limit, "limit", 0, "at most this `number` of them, 0 for all")
	c.Flags().StringVar(&p.Since, "since", "", "only "+since+", such as 2026-03-02")
}

func completeRoles(c *cobra.Command) {
	_ = c.RegisterFlagCompletionFunc("role", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var out []string
		for _, r := range desk.AllRoles() {
			out = append(out, string(r))
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	})
}

func roles(rs []desk.Role) string {
	var out []string
	for _, r := range rs {
		out = append(out, string(r))
	}
	return strings.Join(out, ",")
}

func contactsShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show ADDRESS|NAME", Short: "show a contact", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.showContact(cmd, "contacts.show", map[string]string{"who": args[0]})
		},
	}
}

// showContact runs an operation whose result is a contact, and prints it.
func (a *app) showContact(cmd *cobra.Command, op string, args any) error {
	var c view.ContactView
	if err := a.do(cmd.Context(), op, args, &c); err != nil {
		return err
	}
	return a.print(c, func(w io.Writer) {
		for _, f := range [][2]string{
			{"name", c.Name}, {"addresses", strings.Join(c.Emails, ", ")}, {"company", c.Company}, {"title", c.Title}, {"phone", c.Phone}, {"roles", roles(c.Roles)},
			{"status", c.Status}, {"touches", fmt.Sprint(c.Touches)}, {"last touch", day(c.LastTouch)}, {"last conversation", day(c.LastConversation)},
			{"next callback", day(c.NextCallback)}, {"notes", strings.Join(c.Notes, "; ")},
		} {
			if f[1] != "" {
				fmt.Fprintf(w, "%s:\t%s\n", f[0], f[1])
			}
		}
	})
}

func contactsImport(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "import FILE", Short: "import contacts from CSV (Google, Outlook, LinkedIn, plain) or vCard",
		Long: "Import contacts from CSV or vCard. Columns of a plain CSV: name, email, company, title, phone, role, notes, status;\n" +
			"sequence (puts the person into it); other columns are kept as fields, of which letters use language, timezone, and of\n" +
			"clients about and \"past questions\". A second import updates. FILE - reads standard input.\nBad rows are reported and left out; then the exit code is 3.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := args[0]
			data, err := readArg(name)
			if err != nil {
				return usageError{err}
			}
			var res imports.ImportResult
			if err := a.do(cmd.Context(), "contacts.import", map[string]any{"data": data}, &res); err != nil {
				return err
			}
			for _, b := range res.Bad {
				fmt.Fprintf(os.Stderr, "%s:%d: %s; this row was left out\n", name, b.Line, b.Problem)
			}
			err = a.print(res, func(w io.Writer) {
				fmt.Fprintf(w, "%d added, %d updated, %d unchanged, %d left out\n", res.Added, res.Updated, res.Unchanged, len(res.Bad))
				if res.Late > 0 {
					fmt.Fprintf(w, "%d callbacks now lie after the day they are due: the days before are full (callbacks_per_day)\n", res.Late)
				}
			})
			if err == nil && len(res.Bad) > 0 {
				return quietError(desk.ExitPartial)
			}
			return err
		},
	}
}

func readArg(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}

func contactsSet(a *app) *cobra.Command {
	var ch people.ContactChange
	var name, company, title, phone, status, email, note string
	c := &cobra.Command{
		Use: "set ADDRESS|NAME", Short: "change a contact; an unknown address makes one", Args: cobra.ExactArgs(1),
		Example: "  fifthcall contacts set jane@acme.example --role decision_maker --phone '+44 20 7946 0018'",
		RunE: func(cmd *cobra.Command, args []string) error {
			ch.Who = args[0]
			for flag, f := range map[string]struct {
				val *string
				to  **string
			}{"name": {&name, &ch.Name}, "company": {&company, &ch.Company}, "title": {&title, &ch.Title}, "phone": {&phone, &ch.Phone}, "status": {&status, &ch.Status}, "email": {&email, &ch.Email}, "note": {&note, &ch.Note}} {
				if cmd.Flags().Changed(flag) {
					*f.to = f.val
				}
			}
			return a.showContact(cmd, "contacts.set", ch)
		},
	}
	f := c.Flags()
	f.StringToStringVar(&ch.Fields, "field", nil, "`name=value` that letters use: language (en, de), timezone (Europe/Berlin); of a client about, \"past questions\"")
	f.StringSliceVar(&ch.Roles, "role", nil, "the `roles`, in place of those it has: decision_maker, client, candidate, hr, assistant, other, none")
	f.StringSliceVar(&ch.AddRole, "add-role", nil, "further `roles`")
	f.StringSliceVar(&ch.RemoveRole, "remove-role", nil, "`roles` to take away")
	f.StringVar(&name, "name", "", "the person's `name`")
	f.StringVar(&company, "company", "", "the `company`")
	f.StringVar(&title, "title", "", "the job `title`")
	f.StringVar(&phone, "phone", "", "the phone `number`")
	f.StringVar(&status, "status", "", "active, do_not_contact, bounced or left")
	f.StringVar(&email, "email", "", "a further `address`")
	f.StringVar(&note, "note", "", "a `note`")
	completeRoles(c)
	return c
}

func contactsMerge(a *app) *cobra.Command {
	var undo bool
	c := &cobra.Command{
		Use: "merge ADDRESS OTHER", Short: "make two contacts one; --undo ADDRESS takes it back", Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if undo != (len(args) == 1) {
				return usageError{fmt.Errorf("say 'contacts merge ADDRESS OTHER', or 'contacts merge --undo ADDRESS'")}
			}
			req := map[string]any{"into": args[0], "undo": undo}
			if !undo {
				req["from"] = args[1]
			}
			return a.showContact(cmd, "contacts.merge", req)
		},
	}
	c.Flags().BoolVar(&undo, "undo", false, "take back the latest merge into this contact")
	return c
}

func contactsForget(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "forget ADDRESS", Short: "erase a contact and all that was logged for it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var c view.ContactView
			if err := a.do(cmd.Context(), "contacts.forget", map[string]string{"who": args[0]}, &c); err != nil {
				return err
			}
			return a.print(c, func(w io.Writer) { fmt.Fprintf(w, "Forgotten: %s %s, with %d touches\n", c.Name, c.Email, c.Touches) })
		},
	}
}
