// print: size=960x1440 key=#2b2a33 spot=#4aa3a0 seed=61 knock=.95
// On the floor of Dock 3: the bow of an unfinished ship, somebody welding under the keel.
#declare Seed=19; #declare Haze=80; #declare HazeTop=40; #declare HazeTone=.80; #declare SunX=-.8; #declare SunY=.75; #declare SunZ=-.5; #declare SunLight=.75; #declare SkyLow=.9; #declare SkyHigh=.6; #declare Fill=.10; #declare Ambient=.07;
#include "kit.inc"
#declare Eye=<-9.5,1.8,-27>;
camera{location Eye look_at Eye+<.30,.29,1> right x*image_width/image_height angle 46}
plane{y,0 #if (Plate=1) pigment{rgb .16} finish{ambient .05 diffuse .5 reflection{.02,.35 fresnel on} conserve_energy} #else pigment{rgb 0} finish{ambient 0 diffuse 0 reflection{.5,.95 fresnel on}} #end interior{ior 1.4} normal{granite .10 scale 3}}
// The hull, bow towards us: f leads aft, g up.
#declare Deep=19; 
#macro Shell(f,g,side)
  #local rise=pow(g,1.6)*6.5; #local entry=25-15*g; #local aft=f*f*58;
  #local w=10.5*pow(min(1,aft/entry),.72)*(.28+.72*sqrt(min(1,g*4.5)))*(1-.04*g);
  <side*max(w,.06),1.7+g*Deep+.9*pow(max(0,1-f*3),2)*g,aft-rise> #end
#macro Side(side)
mesh{ #local nf=46; #local ng=22; #local i=0; #while(i<nf) #local j=0; #while(j<ng)
    #local a=Shell(i/nf,j/ng,side); #local b=Shell((i+1)/nf,j/ng,side); #local c=Shell((i+1)/nf,(j+1)/ng,side); #local d=Shell(i/nf,(j+1)/ng,side);
    triangle{a,b,c} triangle{a,c,d}
  #local j=j+1; #end #local i=i+1; #end
  #if (Plate=1) pigment{brick rgb .015, rgb .34 brick_size<200,2.35,7.4> mortar .09 translate<100,.2,0>} finish{ambient Ambient diffuse .8} #else Flat(0) #end}
#end
Side(-1) Side(1)
#declare j=0; #while(j<20) #declare A=Shell(0,j/20,1)*<0,1,1>; #declare B=Shell(0,(j+1)/20,1)*<0,1,1>; cylinder{A,B,.14 Tone(.12)} #declare j=j+1; #end
sphere{0,1 scale<1.5,2.1,4.2> translate<0,4.4,1.2> Tone(.20)}
// Draught marks, hawse hole.
#declare j=0; #while(j<9) box{<-.30,0,-.03>,<.30,.34,.2> Flat(T4) translate<-1.15-j*.05,5.2+j*1.0,1.6-j*.20> } #declare j=j+1; #end
#declare Hawse=Shell(.10,.80,-1); sphere{0,.62 scale<.5,1,1> translate Hawse Tone(.004)} union{Bar(<0,-.3,0>,<0,-1.9,0>,.16) Bar(<0,-1.8,-.8>,<0,-1.8,.8>,.17) Tone(.004) translate Hawse-x*.25}
// Keel and bilge blocks.
#declare k=0; #while(k<12) union{box{<-1.1,0,-.7>,<1.1,1.1,.7> Tone(.08)} box{<-.8,1.1,-.6>,<.8,1.75,.6> Tone(.03)} translate z*(4+k*3.4)} #declare k=k+1; #end
#declare k=0; #while(k<9) union{box{<-7,0,-.6>,<-5.8,2.1,.6> Tone(.05)} box{<5.8,0,-.6>,<7,2.1,.6> Tone(.05)} translate z*(13+k*4.2)} #declare k=k+1; #end
// Staging.
#macro Staging(x0,z0,n,levels,q)
union{ #local k=0; #while(k<n)
    Bar(<x0,0,z0+k*3>,<x0,levels*2.3+1.2,z0+k*3>,.06) Bar(<x0+1.6,0,z0+k*3>,<x0+1.6,levels*2.3+1.2,z0+k*3>,.06)
    #local j=1; #while(j<=levels)
      Bar(<x0,j*2.3,z0+k*3>,<x0+1.6,j*2.3,z0+k*3>,.05)
      #if (k<n-1) box{<x0-.1,j*2.3,z0+k*3>,<x0+1.7,j*2.3+.09,z0+k*3+3>} Bar(<x0,j*2.3+1,z0+k*3>,<x0,j*2.3+1,z0+k*3+3>,.035) Bar(<x0+1.6,j*2.3+1,z0+k*3>,<x0+1.6,j*2.3+1,z0+k*3+3>,.035)
        #if (mod(k+j,2)=0) Bar(<x0,(j-1)*2.3,z0+k*3>,<x0,j*2.3,z0+k*3+3>,.04) #end #end
    #local j=j+1; #end
  #local k=k+1; #end Tone(q)}
#end
Staging(-13.6,4,9,7,.015) Staging(12,0,9,7,.015)
union{Bar(<-15.2,0,-14>,<-15.2,22,-14>,.08) Bar(<-13.6,0,-14>,<-13.6,22,-14>,.08) #declare j=1; #while(j<10) Bar(<-15.2,j*2.3,-14>,<-13.6,j*2.3,-14>,.05) box{<-15.4,j*2.3,-14>,<-13.4,j*2.3+.1,-10>} Bar(<-15.2,j*2.3-2.3,-14>,<-13.6,j*2.3,-14>,.04) #declare j=j+1; #end Tone(.006)}
// The dock's stepped walls and what stands on them.
#declare k=0; #while(k<6) box{<-40,0,-40>,<-17-k*1.1,2+k*2.6,160> Tone(.10)} box{<17+k*1.1,0,-40>,<40,2+k*2.6,160> Tone(.10)} #declare k=k+1; #end
union{object{Crane(34,30,35,.02) rotate y*80 translate<30,14,70>}}
// The arc under the keel.
sphere{<-.9,1.25,2.4>,.22 no_shadow Spot(1)}
Glow(<-1.4,1.3,2.0>,3.4,.72)
#declare i=0; #while(i<34) #declare a=Between(-1.3,1.3); #declare l=Between(.6,2.6); cylinder{<-.9,1.3,1.4>+<sin(a),cos(a)*.6,0>*l*.5,<-.9,1.3,1.4>+<sin(a),cos(a)*.6-.06*l,0>*l,.017 no_shadow no_reflection Spot(1)} #declare i=i+1; #end
object{Figure(1.72,.006,4) scale<1,.72,1> rotate x*16 translate<-2.2,0,2.6>}
object{Figure(1.78,.002,4) translate<-6.9,0,-5>} object{Figure(1.70,.002,4) rotate y*24 translate<-6.0,0,-4.6>} object{Figure(1.75,.002,4) translate<-9.2,0,3>}
