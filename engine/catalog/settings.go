package catalog

// SettingType is the type of a connector's configuration attribute. Beside the types of fields, a setting can be a
// list of numbers.
type SettingType string

// The types of settings.
const (
	SettingString     SettingType = "string"
	SettingNumber     SettingType = "number"
	SettingBool       SettingType = "bool"
	SettingStrings    SettingType = "list(string)"
	SettingNumbers    SettingType = "list(number)"
	SettingStringsMap SettingType = "map(string)"
)

// Valid reports whether t is one of the types of settings.
func (t SettingType) Valid() bool {
	switch t {
	case SettingString, SettingNumber, SettingBool, SettingStrings, SettingNumbers, SettingStringsMap:
		return true
	}
	return false
}

// Attribute is one attribute of a connector's configuration.
type Attribute struct {
	Name      string
	Type      SettingType
	Doc       string // what it means, for people
	Required  bool
	Sensitive bool     // its value is never printed
	Default   string   // the value if it is left out, in the syntax of HCL; "" if there is no default
	Values    []string // the allowed values of a string; any if empty
	Path      bool     // the string names a file; the connector's working directory is the configuration's folder
	Live      bool     // the records of a Local Copy do not depend on it: a copy made with another value can be used
	Imported  bool     // it names the file with the numbers of the web orders that the point of sale has imported: the host adds to it
	Apply     bool     // only changing the platform needs it: whoever only reads is not asked for its value
}

// Block is a nested block of a connector's configuration.
type Block struct {
	Name     string
	Doc      string
	Required bool
	Settings
}

// Settings is the configuration schema of a connector: the attributes and nested blocks that its source block takes.
// Each nested block is given at most once.
type Settings struct {
	Attributes []Attribute
	Blocks     []Block
}

// Attribute returns the attribute of that name, or nil.
func (s *Settings) Attribute(name string) *Attribute {
	for i := range s.Attributes {
		if s.Attributes[i].Name == name {
			return &s.Attributes[i]
		}
	}
	return nil
}

// Block returns the nested block of that name, or nil.
func (s *Settings) Block(name string) *Block {
	for i := range s.Blocks {
		if s.Blocks[i].Name == name {
			return &s.Blocks[i]
		}
	}
	return nil
}

// Problem is a mistake that a connector found in its configuration, or a warning about it.
type Problem struct {
	Path    []string // the attribute, nested blocks first: ["database", "dsn"]; empty: the whole block
	Summary string   // one line, for people
	Detail  string   // what to do about it
	Warning bool     // show it, but go on
}

// Fact is something a connector tells people about its platform, such as the store's name or currency.
type Fact struct {
	Name, Value string
}

// FactClock names the fact that tells the time by the platform's clock, as RFC 3339 has it. Nobody wants to read it:
// reconcile doctor holds it against this machine's clock.
const FactClock = "clock"
