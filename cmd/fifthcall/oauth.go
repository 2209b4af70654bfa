package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"fifthcall/daemon/door/watch"
)

// loginPatience is how long the login waits for the recruiter.
const loginPatience = 15 * time.Minute

func oauthCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "oauth", Short: "sign-in by OAuth2, for Google and Microsoft 365"}
	var device, quiet bool
	login := &cobra.Command{
		Use: "login [DESK]", Short: "sign a desk in: consent in your browser, or with --device on another machine", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				a.desk = args[0]
			}
			cfg, err := a.config()
			if err != nil {
				return err
			}
			name, err := cfg.DeskName(a.desk)
			if err != nil {
				return err
			}
			a.desk = name
			ctx, cancel := context.WithTimeout(cmd.Context(), loginPatience)
			defer cancel()
			token, err := watch.OAuthLogin(ctx, cfg, name, device, func(address, code string) { promptLogin(os.Stderr, address, code, quiet) })
			if err != nil {
				return err
			}
			if err := a.do(cmd.Context(), "oauth.store", token, &struct{}{}); err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "Desk %s is signed in; the tokens are stored encrypted with the state's key.\n", name)
			if token.RefreshToken == "" {
				fmt.Fprintln(os.Stderr, "The server gave no refresh token, so this sign-in will end by itself: look at the scopes (offline access).")
			}
			return nil
		},
	}
	login.Flags().BoolVar(&device, "device", false, "with a code that is typed into a browser elsewhere (not for Google)")
	login.Flags().BoolVar(&quiet, "no-browser", false, "print the address, open no browser")
	c.AddCommand(login)
	return c
}

func promptLogin(w io.Writer, address, code string, quiet bool) {
	if code != "" {
		fmt.Fprintf(w, "Open %s in any browser and type the code %s\n", address, code)
		return
	}
	fmt.Fprintf(w, "Open this address in a browser on this machine and consent:\n\n%s\n\n", address)
	if quiet {
		return
	}
	opener := map[string]string{"darwin": "open", "linux": "xdg-open"}[runtime.GOOS]
	if path, err := exec.LookPath(opener); err == nil {
		_ = exec.Command(path, address).Start() // the address is printed as well
	}
}
