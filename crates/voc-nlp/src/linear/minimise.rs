//! Minimises smooth functions of many variables by L-BFGS (Nocedal 1980).

/// Pairs of steps and changes of the gradient that approximate the curvature.
const MEMORY: usize = 8;

/// Moves `x` to the minimum of `function`, which returns its value and writes its gradient. Stops after `iterations`,
/// or when the value decreases by less than the fraction `tolerance`.
pub fn minimise(x: &mut [f64], iterations: usize, tolerance: f64, mut function: impl FnMut(&[f64], &mut [f64]) -> f64) {
    let mut gradient = vec![0.0; x.len()];
    let mut value = function(x, &mut gradient);
    let mut pairs: Vec<(Vec<f64>, Vec<f64>, f64)> = Vec::new();
    let (mut next_x, mut next_gradient) = (x.to_vec(), gradient.clone());

    for _ in 0..iterations {
        let mut direction: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut alphas = Vec::new();
        for (step, change, rho) in pairs.iter().rev() {
            let alpha = rho * dot(step, &direction);
            add(&mut direction, -alpha, change);
            alphas.push(alpha);
        }
        let scale = match pairs.last() {
            Some((_, change, rho)) => 1.0 / (rho * dot(change, change)),
            None => 1.0 / dot(&gradient, &gradient).sqrt().max(1e-12),
        };
        direction.iter_mut().for_each(|d| *d *= scale);
        for ((step, change, rho), alpha) in pairs.iter().zip(alphas.iter().rev()) {
            let beta = rho * dot(change, &direction);
            add(&mut direction, alpha - beta, step);
        }

        let slope = dot(&gradient, &direction);
        let mut length = 1.0;
        let next_value = loop {
            for ((next, x), d) in next_x.iter_mut().zip(&*x).zip(&direction) {
                *next = x + length * d;
            }
            let next_value = function(&next_x, &mut next_gradient);
            // Armijo's condition.
            if next_value <= value + 1e-4 * length * slope {
                break next_value;
            }
            length *= 0.5;
            if length < 1e-10 {
                return;
            }
        };

        let step: Vec<f64> = next_x.iter().zip(&*x).map(|(next, x)| next - x).collect();
        let change: Vec<f64> = next_gradient.iter().zip(&gradient).map(|(next, g)| next - g).collect();
        let curvature = dot(&step, &change);
        if curvature > 1e-12 {
            if pairs.len() == MEMORY {
                pairs.remove(0);
            }
            pairs.push((step, change, 1.0 / curvature));
        }
        x.copy_from_slice(&next_x);
        std::mem::swap(&mut gradient, &mut next_gradient);
        let fall = value - next_value;
        value = next_value;
        if fall < tolerance * value.abs() {
            return;
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], factor: f64, what: &[f64]) {
    for (to, what) in to.iter_mut().zip(what) {
        *to += factor * what;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_minimum() {
        // Rosenbrock's function, whose minimum is at 1, 1.
        let mut x = [-1.2, 1.0];
        minimise(&mut x, 200, 0.0, |x, gradient| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            gradient[0] = -2.0 * a - 400.0 * x[0] * b;
            gradient[1] = 200.0 * b;
            a * a + 100.0 * b * b
        });
        assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-4), "{x:?}");
    }
}
