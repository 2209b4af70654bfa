package mailtest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// OAuth is a real authorisation server on loopback with one user.
type OAuth struct {
	Issuer   string
	Redirect int // port to which browsers may come back
	User     string
	t        testing.TB
}

// StartOAuth builds and starts the authorisation server, and stops it at the test's end. Without its modules at hand the
// test is skipped, or fails with FIFTHCALL_REQUIRE_PEERS=1.
func StartOAuth(t testing.TB) *OAuth {
	t.Helper()
	bin := buildModule(t, "oauthserver", ".")
	o := &OAuth{Redirect: FreePort(t), User: "sam@firm.example", t: t}
	port := FreePort(t)
	o.Issuer = fmt.Sprintf("http://localhost:%d", port)
	cmd := exec.Command(bin, "-port", fmt.Sprint(port), "-redirect", fmt.Sprintf("http://127.0.0.1:%d/callback", o.Redirect))
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	WaitListening(t, port)
	return o
}

// browser is a person's browser: it keeps cookies and follows the server, and stops where told.
func (o *OAuth) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	must(o.t, err)
	return &http.Client{Jar: jar, Timeout: time.Minute}
}

var hiddenRE = regexp.MustCompile(`name="(id|user_code)" value="([^"]*)"`)

// Consent has a person open the address, sign in, and come back to where the server sends the browser.
func (o *OAuth) Consent(address string) error {
	c := o.browser()
	page, err := get(c, address)
	if err != nil {
		return err
	}
	id := hiddenRE.FindStringSubmatch(page)
	if id == nil {
		return fmt.Errorf("no form to sign in in %.300s", page)
	}
	_, err = post(c, o.Issuer+"/login/username", url.Values{"id": {id[2]}, "username": {o.User}, "password": {"verysecure"}})
	return err
}

// ConsentDevice has a person type the code of a device.
func (o *OAuth) ConsentDevice(code string) error {
	c := o.browser()
	if _, err := post(c, o.Issuer+"/device/", url.Values{"user_code": {code}}); err != nil {
		return err
	}
	if _, err := post(c, o.Issuer+"/device/login", url.Values{"user_code": {code}, "username": {o.User}, "password": {"verysecure"}}); err != nil {
		return err
	}
	_, err := post(c, o.Issuer+"/device/confirm?user_code="+url.QueryEscape(code)+"&action=allowed", url.Values{"user_code": {code}, "action": {"allowed"}})
	return err
}

func get(c *http.Client, address string) (string, error) {
	res, err := c.Get(address)
	return body(res, err)
}

func post(c *http.Client, address string, form url.Values) (string, error) {
	res, err := c.Post(address, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	return body(res, err)
}

func body(res *http.Response, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 400 {
		err = fmt.Errorf("%s: %.300s", res.Status, b)
	}
	return string(b), err
}

// Dovecot are the changes to Dovecot's configuration with which it asks the server about tokens (StartDovecot).
func (o *OAuth) Dovecot(mechanisms string) []string {
	ext := filepath.Join(o.t.TempDir(), "oauth2.conf.ext")
	must(o.t, os.WriteFile(ext, []byte("introspection_url = "+o.Issuer+"/userinfo\nintrospection_mode = auth\nusername_attribute = email\n"), 0o644))
	for dir := filepath.Dir(ext); dir != "/tmp" && dir != "/"; dir = filepath.Dir(dir) {
		_ = os.Chmod(dir, 0o755)
	}
	return []string{
		"passdb {\n  driver = static\n  args = password=pw\n}", "auth_mechanisms = " + mechanisms + "\npassdb {\n  driver = oauth2\n  mechanisms = " + mechanisms + "\n  args = " + ext + "\n}",
	}
}
