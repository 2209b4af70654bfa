// Command fifthcall is the daemon and the tools to steer it; see DESIGN.md for what each
// subcommand promises. Subcommands talk to a running daemon through its socket, and open
// the state themselves only when none runs.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata"

	"github.com/spf13/cobra"

	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
)

// memoryLimit is what the process is to stay below, beside what large desks take.
const memoryLimit = 220 << 20

func main() {
	// A first run makes much short-lived garbage: collect less often, but stay small on a laptop.
	debug.SetGCPercent(200)
	debug.SetMemoryLimit(memoryLimit)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run executes a command line and returns the exit code.
func run(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return desk.ExitDone
	}
	var quiet quietError
	if !errors.As(err, &quiet) {
		fmt.Fprintln(os.Stderr, "fifthcall: "+err.Error())
	}
	var bad usageError
	switch {
	case errors.As(err, &quiet):
		return int(quiet)
	case errors.As(err, &bad):
		return desk.ExitUsage
	}
	return config.ExitCode(err)
}

// quietError ends the program with a code when everything has been said.
type quietError int

func (quietError) Error() string { return "" }

// usageError is a wrong use of the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func newRoot() *cobra.Command {
	a := &app{}
	root := &cobra.Command{
		Use:   "fifthcall",
		Short: "makes sure that a recruiter makes the fifth call",
		Long: "Fifthcall watches a recruiter's mailbox, logs every touch by itself, and keeps a callback\n" +
			"in the calendar for everybody who must not be forgotten.\n\nTry it without an account: fifthcall demo",
		SilenceUsage: true, SilenceErrors: true, Version: version(),
	}
	root.PersistentFlags().StringVar(&a.configPath, "config", "", "configuration `file` (default: config.toml here, else in your configuration folder fifthcall/)")
	root.PersistentFlags().StringVar(&a.desk, "desk", "", "the desk's `name`, where there are several")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		runCommand(a), demoCommand(a), initCommand(a), doctorCommand(a), syncCommand(a), todayCommand(a), logCommand(a),
		contactsCommand(a), touchesCommand(a), callbacksCommand(a), ordersCommand(a), leadsCommand(a), reportCommand(a), importCommand(a), interviewsCommand(a), lettersCommand(a), sequencesCommand(a), outboxCommand(a), oauthCommand(a), feedCommand(a), caldavCommand(a), pageCommand(a), explainCommand(a), parseCommand(a),
	)
	for _, c := range root.Commands() {
		strictArgs(c)
	}
	return root
}

// strictArgs makes wrong arguments and unknown subcommands exit with 2.
func strictArgs(c *cobra.Command) {
	check := c.Args
	if check == nil {
		check = cobra.NoArgs
	}
	c.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())}
		}
		return nil
	}
	if len(c.Commands()) > 0 && c.RunE == nil {
		c.RunE = func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usageError{fmt.Errorf("say what to do: '%s' needs a subcommand", cmd.CommandPath())}
		}
	}
	for _, sub := range c.Commands() {
		strictArgs(sub)
	}
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += " " + s.Value[:min(12, len(s.Value))]
		}
	}
	return v
}
