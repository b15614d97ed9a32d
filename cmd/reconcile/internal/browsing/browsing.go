// Package browsing is a person in front of a browser, for tests of pages. It needs RECONCILE_TEST_BROWSER to name a browser such as Chromium.
package browsing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Patience is how long a browser waits for what is to happen: machines of builds are slow at times.
const Patience = 3 * time.Minute

// Tab is a browser's tab. What goes wrong in it ends the test.
type Tab struct {
	context.Context
	t *testing.T
}

// Open starts the browser, which ends with the test; the test is skipped where none is named. What fails in a page's script, and what its
// policy forbids, fails the test.
func Open(t *testing.T) *Tab {
	t.Helper()
	browser := os.Getenv("RECONCILE_TEST_BROWSER")
	if browser == "" {
		t.Skip("RECONCILE_TEST_BROWSER names no browser")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WindowSize(1280, 900), chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(Patience), chromedp.Flag("lang", "en-US"))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // and wait for its end: its folder is to be removed
	err := chromedp.Listen(ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("a script of the page fails: %+v", *e.ExceptionDetails)
		case *log.EventEntryAdded:
			if e.Entry.Source == "security" {
				t.Errorf("the page does what its policy forbids: %s", e.Entry.Text)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &Tab{ctx, t}
	// The browser starts here: with a shorter context it would end with that.
	if _, err = chromedp.Call(ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Vienna"}); err != nil {
		t.Fatal(err)
	}
	return b
}

// Do does what a person would, and waits for what that needs to be there. A page that is loaded at that moment takes away what was
// found: then it is looked for anew.
func (b *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, Patience)
	defer cancel()
	for _, action := range actions {
		err := chromedp.Do(ctx, action)
		var refused *cdproto.Error
		for errors.As(err, &refused) && refused.Code == -32000 && ctx.Err() == nil {
			err = chromedp.Do(ctx, action)
		}
		if err != nil {
			b.Stop(err)
		}
	}
}

// Stop ends the test, and says what the page has.
func (b *Tab) Stop(err error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, 10*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href+String.fromCharCode(10)+document.body.innerText"))
	b.t.Fatalf("%v, at\n%.4000s", err, text)
}

// Click clicks on what a CSS selector or an XPath finds.
func (b *Tab) Click(at string) { b.t.Helper(); b.Do(chromedp.Click(chromedp.Search(at))) }

// Press presses keys.
func (b *Tab) Press(keys string) { b.t.Helper(); b.Do(chromedp.KeyEvent(keys)) }

// Type types into the field with a label.
func (b *Tab) Type(label, text string) {
	b.t.Helper()
	b.Do(chromedp.SendKeys(chromedp.Search(`//label[contains(.,"`+label+`")]//input`), text))
}

// LogIn fills in a form that asks for a name and a password.
func (b *Tab) LogIn(name, password string) {
	b.t.Helper()
	b.Do(chromedp.SetValue(chromedp.CSS(`[name="name"]`), name), chromedp.SetValue(chromedp.CSS(`[name="password"]`), password))
	b.Click(`form button.main`)
}

// Until waits for an expression of the page to be true, also of a page that is still to come. What is there by half is not there.
func (b *Tab) Until(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, Patience)
	defer cancel()
	for {
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("(()=>{try{return document.readyState !== 'loading' && !!("+expression+")}catch{return false}})()"))
		if err == nil && is {
			return
		}
		select {
		case <-ctx.Done():
			b.Stop(fmt.Errorf("never was %s: %w", expression, errors.Join(err, ctx.Err())))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Is fails the test if an expression of the page does not come to have the value: a page gives the focus, and draws, when it has a
// moment. An expression that does something is done once if it has its value at once.
func (b *Tab) Is(expression, want string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, Patience)
	defer cancel()
	last := "nothing yet"
	for {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
		if err == nil {
			if last = got; got == want {
				return
			}
		}
		select {
		case <-ctx.Done():
			b.Stop(fmt.Errorf("%s is %s, want %s: %w", expression, last, want, errors.Join(err, ctx.Err())))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Reads returns the value of an expression of the page as a text.
func (b *Tab) Reads(expression string) string {
	b.t.Helper()
	got, err := chromedp.Run(b.Context, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		b.Stop(err)
	}
	return got
}

// Likes has the browser ask for light pages, or for dark ones, without motion.
func (b *Tab) Likes(scheme string) {
	b.t.Helper()
	b.media(emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

func (b *Tab) media(p emulation.SetEmulatedMediaParams) {
	b.t.Helper()
	if _, err := chromedp.Call(b.Context, emulation.SetEmulatedMedia, p); err != nil {
		b.Stop(err)
	}
}

// Painted waits until what is there is drawn.
func (b *Tab) Painted() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, Patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))", chromedp.EvalAwaitPromise)); err != nil {
		b.Stop(err)
	}
}

// Draw writes a picture of what is shown to a file.
func (b *Tab) Draw(path string) {
	b.t.Helper()
	b.Painted()
	picture, err := chromedp.Run(b.Context, chromedp.CaptureScreenshot())
	if err != nil {
		b.Stop(err)
	}
	if err := os.WriteFile(path, picture, 0o666); err != nil {
		b.t.Fatal(err)
	}
}

// Print writes a picture of the page as it is printed to a file.
func (b *Tab) Print(path string) {
	b.t.Helper()
	b.media(emulation.SetEmulatedMediaParams{Media: "print"})
	b.Draw(path)
}
