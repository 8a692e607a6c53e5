// print: size=1440x960 key=#123a33 spot=#e8a33d seed=8 knock=.85 quality=67
// Mill Street climbs in the rain between its plane trees; lamps lie on the cobbles, one goes home.
#declare Seed=29; #declare Haze=85; #declare HazeTop=40; #declare HazeTone=.54; #declare SkyLow=.56; #declare SkyHigh=.30; #declare SkyBand=.6; #declare SunX=-.5; #declare SunY=.8; #declare SunZ=-.4; #declare SunLight=.35; #declare Fill=.22; #declare Ambient=.14;
#include "kit.inc"
#declare Climb=.085; // eight per cent and a little
#declare Eye=<-.6,1.9,-17>;
camera{location Eye look_at Eye+<.035,.0,1> right x*image_width/image_height angle 54}
plane{<0,1,-Climb>,0 #if (Plate=1) pigment{rgb .05} finish{ambient .05 diffuse .25 reflection{.12,.85 fresnel on} conserve_energy} #else pigment{rgb 0} finish{ambient 0 diffuse 0 reflection{.16,.9 fresnel on}} #end
  interior{ior 1.4} normal{average normal_map{[1.1 brick .50 brick_size<.42,3,.30> mortar .05 bump_size .55][.7 bumps .12 scale<.9,1,.35>][.3 granite .03 scale 3]}}}
#macro Up(zz) (zz*Climb) #end
#declare Paint=array[4]{.10,.20,.34,.55}
#macro Side(s,z0,z1)
  #declare zz=z0; #while(zz<z1)
    #declare w=Between(6.4,9.4); #declare style=int(rand(R)*4.99);
    object{Gabled(w-.04,3+int(rand(R)*2.2),11,style,Paint[int(rand(R)*3.99)],.10) rotate y*(s>0?90:-90) translate<s*11.2,Up(zz)+.2,zz+w/2>}
    box{<s*8.4,-3,zz-.01>,<s*11.4,Up(zz)+.22,zz+w> Tone(.12)}
  #declare zz=zz+w; #end
#end
Side(-1,-21,120) Side(1,-19,120)
box{<-8.6,-.4,0>,<-8.3,.16,160> rotate -x*degrees(atan(Climb)) translate<0,0,-20> Tone(.30)} 
// Two lines of planes, lopped in autumn, and a lamp after every second.
#declare k=0; #while(k<9)
  #declare s=-1; #while(s<2)
    #declare zz=-8+k*11+(s>0?4.5:0);
    object{BareTree(Between(9,11),4,.02) rotate y*Between(0,360) translate<s*6.6,Up(zz),zz>}
    torus{.75,.07 scale<1,.6,1> translate<s*6.6,Up(zz)+.05,zz> Tone(.02)}
  #declare s=s+2; #end
#declare k=k+1; #end
#declare k=0; #while(k<7) #declare zz=-2.5+k*13; Lamp(<-5.4,Up(zz),zz>,4.6,1,.01) Glow(<-4.5,Up(zz)+4.5,zz+.3>,1.15,.5)
  #declare zz=3+k*13; Lamp(<5.4,Up(zz),zz>,4.6,-1,.01) Glow(<4.5,Up(zz)+4.5,zz+.3>,1.15,.5) #declare k=k+1; #end
// The stop.
union{Bar(0,y*3.1,.05) box{<-.34,2.35,-.03>,<.34,3.05,.03> Tone(.8)} cylinder{<0,2.75,-.05>,<0,2.75,.03>,.20 Flat(.01)} box{<-.22,2.42,-.05>,<.22,2.5,.03> Flat(.01)} box{<-.30,1.1,-.04>,<.30,1.9,.03> Tone(.6)} Tone(.008) translate<4.7,Up(-6.5),-6.5>}
// The walker.
union{object{Figure(1.74,.003,2)} object{Umbrella(1.74,.004)} rotate y*8 translate<-1.7,Up(2),2>}
object{Figure(1.7,.004,1) translate<9.2,Up(22)+.2,22>}
Rain(Eye,90,.14,.85)
