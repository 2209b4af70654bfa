package config

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/endpoints"

	"fifthcall/daemon/seal"
)

// Provider scopes: what reading and sending mail needs.
var providerScopes = map[string][]string{
	"google":    {"https://mail.google.com/"},
	"microsoft": {"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"},
}

// Client is the desk's client at its authorisation server.
func (o *OAuthConfig) Client() (*oauth2.Config, error) {
	c := &oauth2.Config{ClientID: o.ClientID, ClientSecret: o.ClientSecret, Scopes: o.Scopes}
	if o.ClientSecretFile != "" {
		if err := seal.Private(o.ClientSecretFile); err != nil {
			return nil, err
		}
		b, err := os.ReadFile(o.ClientSecretFile)
		if err != nil {
			return nil, fmt.Errorf("read client_secret_file: %w", err)
		}
		c.ClientSecret = strings.TrimSpace(string(b))
	}
	switch o.Provider {
	case "google":
		c.Endpoint = endpoints.Google
	case "microsoft":
		c.Endpoint = endpoints.AzureAD(o.Tenant)
	}
	for given, into := range map[string]*string{o.AuthURL: &c.Endpoint.AuthURL, o.TokenURL: &c.Endpoint.TokenURL, o.DeviceURL: &c.Endpoint.DeviceAuthURL} {
		if given != "" {
			*into = given
		}
	}
	if c.Endpoint.AuthStyle == oauth2.AuthStyleAutoDetect { // probing would take "authorization_pending" for a wrong style
		c.Endpoint.AuthStyle = oauth2.AuthStyleInParams
		if c.ClientSecret != "" {
			c.Endpoint.AuthStyle = oauth2.AuthStyleInHeader // what every server must know (RFC 6749, 2.3.1)
		}
	}
	if len(c.Scopes) == 0 {
		c.Scopes = providerScopes[o.Provider]
	}
	return c, nil
}
