// Checks compose.yaml as Docker Compose reads it, with the library that it is made of, and prints the environment and
// the command of each service as JSON:
//
//	go run . ../compose.yaml
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/cli"
)

// Service is what a program needs to check its settings.
type Service struct {
	Image       string             `json:"image"`
	Command     []string           `json:"command"`
	Environment map[string]*string `json:"environment"`
}

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("expected the path of a Compose file"))
	}
	services, err := load(os.Args[1])
	if err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(services); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// load reads a file with the variables beside it, all of its profiles, and whether mounted files exist.
func load(path string) (map[string]Service, error) {
	options, err := cli.NewProjectOptions([]string{path},
		cli.WithWorkingDirectory(filepath.Dir(path)), cli.WithEnvFiles(), cli.WithDotEnv, cli.WithProfiles([]string{"*"}))
	if err != nil {
		return nil, err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return nil, err
	}
	services := map[string]Service{}
	for name, service := range project.Services {
		for _, volume := range service.Volumes {
			if volume.Type == "bind" {
				if _, err := os.Stat(volume.Source); err != nil {
					return nil, fmt.Errorf("service %s: %w", name, err)
				}
			}
		}
		services[name] = Service{Image: service.Image, Command: service.Command, Environment: service.Environment}
	}
	return services, nil
}
