package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"fifthcall/daemon"
	"fifthcall/daemon/door/collection"
)

func caldavCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "caldav", Short: "the calendars that write back: Apple, Thunderbird, DAVx5 and their kind"}
	var revoke string
	var list bool
	password := &cobra.Command{
		Use:   "password [NAME]",
		Short: "make a password for one program or device, and print it this once",
		Long:  "Makes an app password with which a calendar program signs in, and prints it: it is shown this once. NAME says what it is for; --revoke NAME ends it, --list names those there are.",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case list && revoke != "" || (list || revoke != "") && len(args) > 0:
				return usageError{errors.New("--list, --revoke and a new NAME each stand alone")}
			case list:
				return a.listPasswords(cmd)
			case revoke != "":
				return a.do(cmd.Context(), "caldav.revoke", map[string]string{"name": revoke}, &struct{}{})
			}
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			var p daemon.NewPassword
			if err := a.do(cmd.Context(), "caldav.password", map[string]string{"name": name}, &p); err != nil {
				return err
			}
			if a.json {
				return a.print(p, nil)
			}
			fmt.Fprintf(os.Stderr, "Address: %s\nUser:    %s\nThe password is shown this once:\n", p.URL, p.User)
			_, err := fmt.Fprintln(os.Stdout, p.Password)
			return err
		},
	}
	password.Flags().StringVar(&revoke, "revoke", "", "end the password with this `name`; programs that use it are signed out")
	password.Flags().BoolVar(&list, "list", false, "name the passwords there are")
	c.AddCommand(password, &cobra.Command{
		Use: "url", Short: "print the address of the desk's calendars",
		RunE: func(cmd *cobra.Command, _ []string) error { return a.printURL(cmd, "caldav.url", nil) },
	})
	return c
}

func (a *app) listPasswords(cmd *cobra.Command) error {
	var all []collection.AppPassword
	if err := a.do(cmd.Context(), "caldav.passwords", nil, &all); err != nil {
		return err
	}
	return a.print(all, func(w io.Writer) {
		for _, p := range all {
			fmt.Fprintf(w, "%s\tmade %s\n", p.Name, p.Made.Format("Mon 2 Jan 2006 15:04"))
		}
	})
}
